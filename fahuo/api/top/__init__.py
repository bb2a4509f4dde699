"""The Taobao-compatible gateway: one address, `/router/rest`, that existing Taobao clients call unchanged.

A method is a declared object in `registry.METHODS`; the files of methods are by noun. `gate` checks a call before its
method sees it, `view` speaks HTTP, `refusals` says our refusals in TOP's codes. See docs/gateway.md.
"""
