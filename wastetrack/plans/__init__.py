"""Management plans (HJ 1259-2022) and contracts, and what manifests take of them."""
