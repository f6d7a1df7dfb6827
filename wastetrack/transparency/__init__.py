"""The transparency log: every custody event as a leaf of a Merkle tree whose root is signed and published.

It knows bytes, not waste. Reading order: hashing, tree, proofs (the mathematics); leaf, note, checkpoint, receipt
(what is hashed and what is signed); appending, publishing, queries, auditing (the same in PostgreSQL).
"""
