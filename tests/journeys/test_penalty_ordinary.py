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
