"""The ordinary penalty procedure as its people live it, in their browsers, on the days it happened."""

from app.cases import demo_content
from desk import Journey
from lxml import etree
from app.kernel.settings import ROOT

PEOPLE = {"intake":"intake","investigator":"officer1","team_lead":"lead","case_review":"review","legal_review":"legal","hearing":"hearing","deputy":"deputy","head":"head","finance":"finance","archive":"archive"}
t=etree.parse(str(ROOT/"bpmn/penalty/ordinary/internal.bpmn"))
B="{http://www.omg.org/spec/BPMN/20100524/MODEL}";X="{urn:xingquan:bpmn:1}"
lane={}
for l in t.iter(B+"lane"):
    for r in l.iter(B+"flowNodeRef"): lane[r.text]=l.get(X+"position")
TASKS={n.get("id"):(n.get("name"),lane[n.get("id")]) for n in t.iter(B+"userTask",B+"intermediateCatchEvent")}


def test_main(desk):
    j = Journey(desk, demo_content.case_of("stone-mill"), "hb", PEOPLE, TASKS)
    j.open()
    j.run()
    page=j.case_page("hb-archive")
    import re,json
    out=ROOT/"test-results"/"journeys"; out.mkdir(parents=True,exist_ok=True)
    rows=page.locator("section",has=page.get_by_role("heading",name="文书",exact=True)).locator("li").all()
    for r in rows:
        print(repr(r.inner_text()))
        a=r.get_by_role("link").first
        href=a.get_attribute("href")
        (out/(a.inner_text()+".pdf")).write_bytes(page.context.request.get(href).body())
    page.screenshot(path=out/"case.png",full_page=True)
    json.dump(j.notices,open(out/"notices.json","w"),ensure_ascii=False,indent=1)
    print(page.locator("main").inner_text())
