"""Spreadsheets in and out: `reader.open_sheet`, `writer.write_xlsx`, `writer.write_csv`.

A file is hostile until it is read: what it is, is told by its content and not by its name; workbooks are parsed in a
limited process of their own (child.py); each way to fail is one clear code (rules/problems/uploads.toml).
"""
