"""The whole story once over the real database and the real folder: what fakes promise, these keep."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest
from tests.support.outside import Answer, Mood, page
from tests.support.story import SDIST, SITE, WHEEL, sdist, wheel
from tests.support.world import Meanwhile, add_person, add_project, real_world, run_plan, run_work

from homeport.adapters.db.driver import sqlite_file
from homeport.adapters.db.hot_reads import SqliteHotReads
from homeport.domain.account import Caller
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import verify
from homeport.domain.rehost import Bytes, State
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.fetch import fetch_from_host
from homeport.flows.rehost.plan import crawl_sources, fail
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.review import Choice, accept, show_rehost
from homeport.flows.rehost.start import find_rehost, start_plan
from homeport.ports.jobs import Job, Work


def test_files_come_home(tmp_path: Path) -> None:
    """Plan, consent, a part published, a failure, a second plan, the rest: all as over the fakes."""
    with real_world(tmp_path) as real:
        world, ada = real.world, Caller(add_person(real.world, "ada"))
        add_project(world, ada.user, "demo", HostingMode.CACHE)
        add_source(world, ada, "demo", "homepage", f"{SITE}/")
        real.outside.put(f"{SITE}/", page(f"<a href={WHEEL}> <a href={SDIST}>"))
        real.outside.put_file(f"{SITE}/{WHEEL}", wheel())
        real.outside.put(f"{SITE}/{SDIST}", Answer(mood=Mood.SILENT))

        rehost = start_plan(world, ada, "demo")
        run_plan(world, rehost.id)
        view = show_rehost(world, ada, rehost.id)
        ids = {item.filename: item.id for item in view.plan.items}
        declared = {ids[SDIST]: Sha256.of(sdist())}
        accept(
            world, ada, rehost.id, Choice(view.digest, Basis.AUTHOR, "", frozenset(ids.values()), declared)
        )
        run_work(world, Job(Work.PUBLISH_REHOST, rehost.id, 1))
        assert show_rehost(world, ada, rehost.id).rehost.state is State.PARTLY_PUBLISHED

        retry(world, ada, rehost.id)
        fail(world, rehost.id, "The worker died.", "failed")
        retry(world, ada, rehost.id)
        real.outside.put_file(f"{SITE}/{SDIST}", sdist())
        run_plan(world, rehost.id, 3)
        view = show_rehost(world, ada, rehost.id)
        assert {item.filename: (item.bytes, item.is_published) for item in view.plan.items} == {
            WHEEL: (Bytes.HERE, True),
            SDIST: (Bytes.HERE, False),
        }
        accept(world, ada, rehost.id, Choice(view.digest, Basis.AUTHOR))
        run_work(world, Job(Work.PUBLISH_REHOST, rehost.id, 3))
        assert show_rehost(world, ada, rehost.id).rehost.state is State.PUBLISHED

        with real.store.read() as tx:
            entries = list(tx.ledger.entries())
        assert verify(entries).problem == ""
        assert sum(b'"kind":"file-published"' in entry.body for entry in entries) == 2
        reads = SqliteHotReads(sqlite_file(real.database), real.folder)
        for name, body in ((WHEEL, wheel()), (SDIST, sdist())):
            stored = reads.file(Sha256.of(body).hex, name)
            assert stored is not None
            assert stored.path is not None
            assert stored.path.read_bytes() == body
        shown = reads.page("demo", "html", "identity")
        assert shown is not None
        assert shown.body.count(b"</a>") == 2
        reads.close()


def test_two_jobs_that_end_at_once_close_a_plan_once(tmp_path: Path) -> None:
    """Eight hosts whose last files come at the same moment: one of their jobs closes the plan, and one notice tells it."""
    with real_world(tmp_path) as real:
        world, ada = real.world, Caller(add_person(real.world, "ada"))
        add_project(world, ada.user, "demo", HostingMode.CACHE)
        add_source(world, ada, "demo", "homepage", f"{SITE}/")
        names = [f"demo-{number}.0.tar.gz" for number in range(8)]
        links = {name: f"https://site{number}.test/{name}" for number, name in enumerate(names)}
        real.outside.put(f"{SITE}/", page("".join(f"<a href={link}>" for link in links.values())))
        for number, link in enumerate(links.values()):
            real.outside.put_file(link, sdist(f"{number}.0"))
        rehost = start_plan(world, ada, "demo")
        jobs = crawl_sources(world, rehost.id)
        assert len(jobs) == len(names)
        together = Barrier(len(jobs))
        meeting = replace(world, isolation=Meanwhile(lambda: together.wait(timeout=20)))
        threads = [Thread(target=fetch_from_host, args=(meeting, job)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        view = show_rehost(world, ada, rehost.id)
        assert view.rehost.state is State.PLANNED
        assert {item.bytes for item in view.plan.items} == {Bytes.HERE}
        assert view.rehost.plan_digest == view.digest
        with real.store.read() as tx:
            notices = tx.notices.of_user(ada.user.id, limit=20)
        assert [notice.kind for notice in notices].count("plan-ready") == 1


def test_no_number_is_too_large_to_ask_for(tmp_path: Path) -> None:
    """A rehost of a number that no database can hold is not found, as any other that never was."""
    with real_world(tmp_path) as real, real.store.read() as tx:
        for rehost_id in (-1, 0, 1, 2**63 - 1, 2**63, 2**200):
            with pytest.raises(NotFound):
                find_rehost(tx, rehost_id)
