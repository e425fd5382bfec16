"""What came of a suite, and how it is told."""

import collections
import dataclasses
import xml.etree.ElementTree

Case = collections.namedtuple("Case", "name seconds wrong")  # `wrong`: what was, of one that failed; else None


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    cases: list = dataclasses.field(default_factory=list)
    note: str = ""

    def add(self, name, seconds=0.0, wrong=None):
        self.cases.append(Case(name, seconds, wrong))
        self.passed += wrong is None
        self.failed += wrong is not None

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.cases += other.cases
        return self

    @property
    def bad(self):
        return [case for case in self.cases if case.wrong is not None]

    def tell(self, suite, seconds, budget):
        """Once, when the suite has ended."""
        for case in self.bad:
            print(f"FAILED {suite}: {case.name}")
            print(*(f"    {line}" for line in case.wrong.strip().splitlines()), sep="\n")
        over = f", over its budget of {budget} s" if budget and seconds > budget else ""
        print(f"== {suite}: {self.passed} good, {self.failed} bad, {seconds:.0f} s{over}{self.note}")
        slowest = sorted(self.cases, key=lambda case: -case.seconds)[:5]
        print(*(f"   {case.seconds:5.1f} s  {case.name}" for case in slowest if case.seconds >= 0.1), sep="\n", flush=True)


def of_junit(path):
    """Of a JUnit file. A program that crashed is an error, a case that did not hold a failure. What the programs of a
    black-box test said stands in the case's properties."""
    outcome = Outcome()
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        wrong = [part for part in (case.find("failure"), case.find("error")) if part is not None]
        stories = [f"--- {said.get('name')}\n{said.get('value')}" for said in case.iter("property")]
        name = f"{case.get('classname', '')} {case.get('name')}".strip()
        outcome.add(name, float(case.get("time") or 0),
                    "\n".join([wrong[0].text or wrong[0].get("message") or "no word", *stories]) if wrong else None)
    return outcome
