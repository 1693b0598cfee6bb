/** What a person takes away: the certificate, a plan, the geometry. */
import { download, h } from "./dom";
import { page, t } from "./page";
import { about, ask, Problem, type CheckReport } from "./report";
import { state } from "./state";

const SCALES = [500, 1000, 2000, 5000, 10000];
const PAPERS = ["A4", "A4-landscape", "A3", "A3-landscape"];

export function takeaway(report: CheckReport): HTMLElement {
  return h(
    "section", { class: "take", "aria-labelledby": "take" },
    h("h3", { id: "take" }, t("take.heading")),
    certificate(report),
    plan(report),
    h("p", {}, h("button", { type: "button", class: "second", click: () => geojson(report) }, t("take.geojson"))),
  );
}

function nameOf(report: CheckReport): string {
  return report.subject.cadastral_number?.replace(/[^\w-]+/g, "-") ?? "teren";
}

function certificate(report: CheckReport): HTMLElement {
  const news = h("p", { role: "status" });
  const missing = h("div", { class: "missing" });
  const purpose = h("input", { id: "purpose", maxlength: 1000, placeholder: t("take.purpose.hint") });
  const fetchPdf = async (event: Event, more: object): Promise<void> => {
    const button = event.currentTarget as HTMLButtonElement;
    button.disabled = true;
    news.replaceChildren(t("take.working"));
    try {
      const answer = await request(more);
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
      download(await answer.blob(), name ?? `certificat-${nameOf(report)}.pdf`);
      news.replaceChildren(...issued(answer));
    } catch (error) {
      news.replaceChildren(t("take.failed", { reason: error instanceof Problem ? error.message : t("panel.offline") }));
      if (error instanceof Problem && error.missing.length) missing.replaceChildren(...lacking(error.missing));
    } finally {
      button.disabled = false;
    }
  };
  const draft = page.mayIssue ? { draft: true } : {};
  const details = h(
    "details", { toggle: () => void (details.open && tellMissing(missing)) },
    h("summary", {}, t("take.certificate")),
    h("p", {}, h("button", { type: "button", class: "second", click: (event) => void fetchPdf(event, draft) }, t("take.preview")),
      " ", h("span", { class: "quiet" }, t("take.preview.note"))),
    missing,
    page.mayIssue && h(
      "div", { class: "issue" },
      h("label", { for: "purpose" }, t("take.purpose")), purpose,
      h("button", { type: "button", click: (event) => void fetchPdf(event, purpose.value.trim() ? { purpose: purpose.value.trim() } : {}) }, t("take.issue")),
    ),
    news,
  );
  return details;
}

function request(more: object, accept = "application/pdf"): Promise<Response> {
  const options = about(state.land!, more);
  return ask("/api/v1/certificates", { ...options, headers: { ...options.headers, Accept: accept } });
}

function issued(answer: Response): (Node | string)[] {
  const address = /<([^>]+)>/.exec(answer.headers.get("Link") ?? "")?.[1];
  if (!address) return [];
  const number = decodeURIComponent(address.split("/").at(-1)!);
  return [t("take.issued", { number }), " ", h("a", { href: address }, t("take.verify"))];
}

/** What a sealed certificate would lack, asked when somebody looks. */
async function tellMissing(target: HTMLElement): Promise<void> {
  if (target.childElementCount) return;
  target.replaceChildren(h("p", { class: "quiet" }, t("take.missing.loading")));
  try {
    const answer = await request(page.mayIssue ? { draft: true } : {}, "application/json");
    target.replaceChildren(...lacking((await answer.json()).missing));
  } catch (error) {
    target.replaceChildren(t("take.failed", { reason: error instanceof Problem ? error.message : t("panel.offline") }));
  }
}

function lacking(missing: { element: string; reason: string }[]): Node[] {
  if (!missing.length) return [h("p", { class: "complete" }, t("take.complete"))];
  const reason = (name: string): string => (name in page.texts ? `: ${t(name)}` : "");
  return [
    h("p", {}, t("take.missing")),
    h("ul", {}, ...missing.map((one) => h("li", {}, h("span", { lang: "ro" }, one.element), reason(`reason.${one.reason}`)))),
  ];
}

function plan(report: CheckReport): HTMLElement {
  const { siruta, cadastral_number: number } = report.subject;
  const choose = (name: string, options: [string, string][]): HTMLElement =>
    h("label", {}, t(`take.plan.${name}`), " ", h("select", { name }, ...options.map(([value, text]) => h("option", { value }, text))));
  const form = h(
    "form", { class: "plan", method: "get", action: "/api/v1/plans" },
    h("input", { type: "hidden", name: "siruta", value: String(siruta) }),
    h("input", { type: "hidden", name: "cadastral_number", value: number ?? "" }),
    choose("theme", ["planning", "utilities", "cadastre"].map((theme) => [theme, t(`theme.${theme}`)])),
    choose("scale", [["", t("take.plan.fit")], ...SCALES.map((scale): [string, string] => [String(scale), `1:${scale}`])]),
    choose("paper", PAPERS.map((paper) => [paper, t(`paper.${paper}`)])),
    choose("format", [["pdf", "PDF"], ["png", "PNG"], ["svg", "SVG"]]),
    h("button", { class: "second" }, t("take.plan.get")),
  );
  const news = h("p", { role: "status" });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void fetchPlan(form, news, nameOf(report));
  });
  return h(
    "details", {},
    h("summary", {}, t("take.plan")),
    siruta && number ? form : h("p", { class: "quiet" }, t("take.plan.parcel")),
    news,
  );
}

async function fetchPlan(form: HTMLFormElement, news: HTMLElement, name: string): Promise<void> {
  const chosen = new FormData(form);
  const query = new URLSearchParams([...chosen].filter(([, value]) => value !== "") as [string, string][]);
  news.replaceChildren(t("take.working"));
  try {
    const answer = await ask(`/api/v1/plans?${query}`);
    download(await answer.blob(), `plan-${chosen.get("theme")}-${name}.${chosen.get("format")}`);
    news.replaceChildren();
  } catch (error) {
    news.replaceChildren(t("take.failed", { reason: error instanceof Problem ? error.message : t("panel.offline") }));
  }
}

/** The land and its findings in EPSG:3844, as QGIS opens it. */
function geojson(report: CheckReport): void {
  const feature = (geometry: object, properties: object): object => ({ type: "Feature", geometry, properties });
  const { geometry, ...subject } = report.subject;
  const content = {
    type: "FeatureCollection",
    crs: { type: "name", properties: { name: "urn:ogc:def:crs:EPSG::3844" } },
    features: [
      feature(geometry, { kind: "subject", as_of: report.as_of, ...subject }),
      ...report.findings.filter((one) => one.geometry).map(({ geometry: shape, ...finding }) =>
        feature(shape!, {
          kind: "finding", rule: finding.rule, effect: finding.effect, text: finding.text,
          distance_m: finding.distance_m, limit_m: finding.limit_m, overlap_m2: finding.overlap_m2,
        })),
    ],
  };
  download(new Blob([JSON.stringify(content)], { type: "application/geo+json" }), `imobil-${nameOf(report)}.geojson`);
}
