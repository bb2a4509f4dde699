"""What other software talks to: /api/v1, the same services and the same permissions as the pages.

`shapes/` says what each operation takes and gives, one file a noun, without Django: the client reads it, too. The files
beside this one, by the same names, carry the operations out. `server` answers a call; `guard` asks who calls. `top/` is
the gateway that speaks the marketplace's own protocol.
"""
