"""Parts of the traffic: how they are found, told apart and compared."""
