"""TLS: the local certificate authority, the server's certificate, and keeping it in step with the machine."""
