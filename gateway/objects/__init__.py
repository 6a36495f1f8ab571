"""Contents of documents: kept encrypted, in a folder or in S3-compatible object storage.

Use `opening.open_objects`; what it gives is a `contract.ObjectStore` whose contents only this gateway's key opens.
"""
