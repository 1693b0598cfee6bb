/** A report in sentences, grouped as people ask: what may be built, what restricts it, whom to ask. */
import { dotted, h } from "./dom";
import { capital, dayText, figure, metres, page, round, squareMetres, t } from "./page";
import type { CheckReport, Finding } from "./report";
import { on, tell } from "./state";

const WHOLE = 0.9995;

interface Group {
  name: string;
  content: (Node | null)[];
  count: number;
  none?: string;
}

/** The report as an element. ``takeaway`` is what stands at its end. */
export function render(report: CheckReport, takeaway: Node): HTMLElement {
  return h(
    "div", { class: "report" },
    head(report),
    page.texts["report.romanian"] ? h("p", { class: "quiet" }, t("report.romanian")) : null,
    summary(report),
    unchecked(report),
    ...groups(report).map(section),
    clear(report),
    takeaway,
  );
}

function head(report: CheckReport): HTMLElement {
  const { subject } = report;
  const uat = subject.uat ?? subject.uats.map((one) => one.name).join(", ");
  const title = subject.cadastral_number
    ? t("subject.parcel", { uat, number: subject.cadastral_number })
    : t("subject.drawn", { uat });
  const facts = [
    `${squareMetres(subject.area_m2)} ${t("subject.measured")}`,
    subject.area_legal_m2 !== null && `${squareMetres(subject.area_legal_m2)} ${t("subject.registered")}`,
    subject.land_book_number && t("subject.landbook", { number: subject.land_book_number }),
    t("subject.day", { day: dayText(report.as_of) }),
  ].filter(Boolean);
  return h("header", {}, h("h2", { id: "land", tabindex: -1 }, title), h("p", { class: "quiet" }, facts.join(" · ")));
}

function summary(report: CheckReport): HTMLElement {
  const restrictions = report.findings.filter((finding) => finding.effect === "restriction").length;
  const item = (count: number, name: string, kind: string): HTMLElement =>
    h("li", { class: kind }, h("b", {}, String(count)), ` ${t(name)}`);
  return h(
    "ul", { class: "summary", "aria-label": t("summary.label") },
    item(restrictions, "summary.restrictions", "restriction"),
    item(report.approvals.length, "summary.approvals", "approval"),
    item(report.not_checked.length, "summary.unchecked", "unsure"),
  );
}

function unchecked(report: CheckReport): HTMLElement | null {
  if (!report.not_checked.length) return null;
  const items = report.not_checked.map((one) =>
    h(
      "li", {}, `${page.rules[one.rule] ?? one.rule}: ${t(`reason.${one.reason}`)} `,
      h("span", { class: "quiet" }, `(${page.titles[one.layer] ?? one.layer})`),
      one.mandatory && h("span", { class: "tag unsure" }, t("unchecked.mandatory")),
    ),
  );
  return h(
    "section", { class: "notice", "aria-labelledby": "unchecked" },
    h("h3", { id: "unchecked" }, t("group.unchecked"), " ", count(items.length)),
    h("p", {}, t("unchecked.warning")),
    h("ul", {}, ...items),
  );
}

function groups(report: CheckReport): Group[] {
  const left = new Set(report.findings);
  const take = (fits: (finding: Finding) => boolean): Finding[] => {
    const taken = [...left].filter(fits);
    taken.forEach((finding) => left.delete(finding));
    return taken;
  };
  const list = (findings: Finding[]): Node | null =>
    findings.length ? h("ul", { class: "sentences" }, ...findings.map((one) => sentence(one, report))) : null;
  const restrictions = take((finding) => finding.effect === "restriction");
  const roads = take((finding) => finding.rule === "roads.access");
  const approvals = take((finding) => finding.effect === "approval");
  const build = [
    ...take((finding) => finding.effect === "zoning"),
    ...take((finding) => finding.rule.startsWith("planning.")),
  ];
  const utilities = take((finding) => finding.rule.startsWith("utilities."));
  const rest = [...left];
  return [
    { name: "build", content: [list(build)], count: build.length },
    { name: "restrictions", content: [list(restrictions)], count: restrictions.length, none: "group.none.restrictions" },
    {
      name: "approvals", content: [approvalList(report), list(approvals)], count: report.approvals.length,
      none: "group.none.approvals",
    },
    { name: "access", content: [roadList(report), list(roads)], count: report.road_access.length, none: "group.none.access" },
    { name: "utilities", content: [list(utilities)], count: utilities.length },
    { name: "land", content: [list(rest)], count: rest.length },
    { name: "fee", content: [fee(report)], count: 1 },
  ];
}

function section(group: Group): HTMLElement | null {
  if (!group.count && !group.none && !group.content.some(Boolean)) return null;
  const empty = !group.content.some(Boolean) && group.none;
  return h(
    "section", { class: `group ${group.name}`, "aria-labelledby": `group-${group.name}` },
    h("h3", { id: `group-${group.name}` }, t(`group.${group.name}`), " ", group.name === "fee" ? null : count(group.count)),
    ...group.content.filter(Boolean),
    empty ? h("p", { class: "quiet" }, t(group.none!)) : null,
  );
}

/** Words that are Romanian on every page, so that screen readers say them right. */
const romanian = (text: string): HTMLElement => h("span", { lang: "ro" }, text);

const count = (value: number): HTMLElement => h("span", { class: "count" }, String(value));

/** A finding: its sentence, lit on the map when touched; what it rests on, one click deeper. */
function sentence(finding: Finding, report: CheckReport): HTMLElement {
  const light = (): void => tell("lit", new Set([finding.id]));
  const leave = (): void => tell("lit", new Set());
  return h(
    "li", { class: `finding ${finding.effect}`, "data-finding": finding.id, mouseenter: light, mouseleave: leave, focusin: light, focusout: leave },
    h(
      "details", {},
      h(
        "summary", {},
        romanian(finding.text),
        finding.certainty === "borderline" && h("span", { class: "tag unsure" }, t("certainty.borderline")),
      ),
      law(finding, report),
    ),
  );
}

function law(finding: Finding, report: CheckReport): HTMLElement {
  const basis = finding.legal_basis.map((basis) => [basis.act, basis.article].filter(Boolean).join(", ")).join("; ");
  const rows: [string, Node | string][] = [["law.basis", basis && romanian(basis)]];
  const layer = report.layers.find((one) => one.id === finding.feature?.layer);
  if (finding.feature) {
    const version = layer && t("law.version", {
      version: layer.version, day: dayText(layer.valid_from), accuracy: metres(layer.accuracy_m),
    });
    rows.push(["law.layer", [page.titles[finding.feature.layer], version].filter(Boolean).join(", ")]);
  }
  if (finding.distance_m !== null && finding.relation !== "intersects") {
    const limit = finding.limit_m === null ? "" : ` (${t("law.limit", { limit: metres(finding.limit_m) })})`;
    rows.push(["law.distance", metres(finding.distance_m) + limit]);
  }
  if (finding.overlap_m2 && finding.overlap_share !== null && finding.overlap_share < WHOLE) {
    rows.push(["law.overlap", `${squareMetres(finding.overlap_m2)} (${figure(finding.overlap_share * 100)} %)`]);
  }
  const certainty = [t(`certainty.${finding.certainty}`), finding.status === "to_confirm" && t("status.to_confirm")];
  rows.push(["law.certainty", certainty.filter(Boolean).join(", ")]);
  return h(
    "div", { class: "law" },
    h("dl", {}, ...rows.filter(([, content]) => content).map(([name, content]) => h("div", {}, h("dt", {}, t(name)), h("dd", {}, content)))),
    smallMap(finding, report),
  );
}

/** A picture of the finding for a letter or a file; plans are of registered parcels, as of today. */
function smallMap(finding: Finding, report: CheckReport): Node | null {
  const { siruta, cadastral_number: number } = report.subject;
  if (!siruta || !number || !finding.geometry || report.as_of !== page.today) return null;
  const query = new URLSearchParams({ siruta: String(siruta), cadastral_number: number, finding: finding.id, format: "png" });
  return h("a", { href: `/api/v1/plans?${query}`, target: "_blank", rel: "noopener" }, t("law.map"));
}

function approvalList(report: CheckReport): Node | null {
  if (!report.approvals.length) return null;
  const items = report.approvals.map((approval) => {
    const light = (): void => tell("lit", new Set(approval.because));
    const leave = (): void => tell("lit", new Set());
    return h(
      "li", { mouseenter: light, mouseleave: leave },
      h("b", { lang: "ro" }, approval.title),
      h("span", { class: "quiet" }, ...dotted(
        page.bodies[approval.code] && round("approval.by", romanian(page.bodies[approval.code]!)),
        t(`route.${approval.route}`),
      )),
    );
  });
  return h("ul", { class: "approvals" }, ...items);
}

function roadList(report: CheckReport): Node | null {
  if (!report.road_access.length) return null;
  const items = report.road_access.map((road) =>
    h(
      "li", {},
      h("b", {}, t("road.position", { road: road.road, position: road.position, side: t(`side.${road.side}`) })),
      h("span", { class: "quiet" }, ...dotted(
        t("road.axis", { distance: metres(road.distance_to_axis_m) }),
        t("road.frontage", { length: metres(road.frontage_m) }),
        road.next_junction_m !== null && t("road.junction", { distance: metres(road.next_junction_m) }),
        road.administrator && round("road.administrator", romanian(road.administrator)),
      )),
    ),
  );
  return h("ul", { class: "approvals" }, ...items);
}

function fee(report: CheckReport): Node {
  const issuer = t("issuer", { issuer: t(`issuer.${report.competence.issuer}`) });
  const amount = report.fee ? t("fee", { amount: `${figure(report.fee.amount_ron)} lei` }) : t("fee.unknown");
  return h(
    "div", {},
    h("p", {}, h("b", {}, amount), " ", h("span", { class: "quiet", lang: "ro" }, report.fee?.basis ?? "")),
    h("p", {}, issuer, " ", h("span", { class: "quiet", lang: "ro" }, capital(report.competence.reason))),
  );
}

function clear(report: CheckReport): HTMLElement {
  return h(
    "details", { class: "clear" },
    h("summary", {}, `${t("group.clear")} (${report.not_applicable.length})`),
    h("ul", {}, ...report.not_applicable.map((rule) => h("li", {}, page.rules[rule] ?? rule))),
  );
}

/** Mark the sentences that are lit; bring the first into sight when its shape was pressed. */
export function installLighting(panel: HTMLElement): void {
  on("lit", (ids) => {
    for (const item of panel.querySelectorAll<HTMLElement>("[data-finding]")) {
      item.classList.toggle("lit", ids.has(item.dataset.finding!));
    }
  });
}

export function reveal(panel: HTMLElement, ids: ReadonlySet<string>): void {
  const first = [...panel.querySelectorAll<HTMLElement>("[data-finding]")].find((item) => ids.has(item.dataset.finding!));
  first?.scrollIntoView({ block: "nearest" });
  first?.querySelector("summary")?.focus({ preventScroll: true });
}
