"""Tools over a state of their own, for `tools: {use: environment}`."""
