"""OFD (GB/T 33190-2016): the pages of a rendered PDF, letter by letter, in the national fixed-layout format."""
