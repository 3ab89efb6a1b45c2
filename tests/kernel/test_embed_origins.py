"""Which sites may show the embedded pages is a setting, and nothing else gets into the header by it."""

import pytest

from app.kernel import settings


def test_a_setting_that_is_no_origin_is_refused(monkeypatch):
    monkeypatch.setenv("XQ_EMBED_ORIGINS", "https://www.example.gov.cn https://*.example.gov.cn")
    assert settings.embed_origins() == "'self' https://www.example.gov.cn https://*.example.gov.cn"
    monkeypatch.setenv("XQ_EMBED_ORIGINS", "none")
    assert settings.embed_origins() == "'none'"
    monkeypatch.setenv("XQ_EMBED_ORIGINS", "https://a; script-src *")
    with pytest.raises(ValueError, match="不是网站地址"):
        settings.embed_origins()
