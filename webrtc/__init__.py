"""A caller: the peer connection, what arrives over it and what is said back."""
