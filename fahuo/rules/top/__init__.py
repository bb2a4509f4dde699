"""The Taobao open platform's protocol (TOP), as far as it is pure: signatures, envelopes, errors, statuses, times.

The gateway (`api/top`) answers in it and the connector (`connectors/taobao`) asks in it; both read the same tables here.
"""
