"""How one run is made: its parts, its price, its answers, its conclusions."""
