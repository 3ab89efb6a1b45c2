"""At the scene: tasks taken along on a phone, worked on while the network is away, brought back without doubling."""
