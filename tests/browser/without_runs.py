"""A draft without the saved runs that its model brought: for tests that are about something else than playing them."""

from playwright.sync_api import Page


def drop_runs(page: Page, address: str) -> None:
    """Take them out of the draft at an address, as its page would save it."""
    saved = page.evaluate(
        """async (address) => {
            const headers = { 'X-CSRF-Token': document.querySelector('meta[name="csrf-token"]').content,
                'Content-Type': 'application/json', Accept: 'application/json' };
            const { revision, parts } = await (await fetch(`${address}/content`, { headers })).json();
            const runs = Object.keys(parts).filter((path) => path.startsWith('runs/'));
            const changes = Object.fromEntries(runs.map((path) => [path, null]));
            const body = JSON.stringify({ revision, changes });
            return (await fetch(`${address}/save`, { method: 'POST', headers, body })).status;
        }""",
        address,
    )
    assert saved == 200
