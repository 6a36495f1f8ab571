"""Why a dossier says what it says, in sentences for people: of two statements which is shown, and what gives pause.

Rule of this package: every code has a sentence in Vietnamese and in English (`sentences.toml`). Pure.
"""
