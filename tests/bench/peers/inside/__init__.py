"""What runs inside the peers' own environments. Nothing here imports anything of ours but this folder."""
