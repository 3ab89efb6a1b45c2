"""Change orders (变更单): legal basis and roster of officers change only by one that the legal office has confirmed."""
