"""Full recomputation: the log, the ledger, the containers and the manifests, each compared with what the others say."""
