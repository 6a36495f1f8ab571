"""The console's pages: routes, rendering, and what stands between a page and the log.

    app        everything put together; `around` what stands around the pages
    hall       what the pages share; `bench` its threads, `pages` its templates, `headers` what every answer carries
    reach      which entries somebody may see; `rows` entries as lines of a table, `unusual` patterns as sentences
    files      style sheets and scripts; `charts` bars as geometry, `health` how the log fares; `language`
    overview, search, entry, subject, patterns, reuse, review, exports, integrity, inspections     the pages
    reckonings the reuse figures in the making

Rule of this package: nothing of the log is shown before the door has recorded that it will be. Whatever blocks runs on
the bench. No number of a citizen is in an address, a header, a log line or a template.
"""
