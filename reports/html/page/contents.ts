/// <reference lib="dom" />

/** Marks in the list of sections the one that is read, and opens a folded one that a link leads to. */
export function mountContents(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>("nav a")].map((a) => [
      decodeURIComponent(a.hash).slice(1),
      a,
    ]),
  );
  const open = () => {
    const section = document.getElementById(decodeURIComponent(location.hash).slice(1));
    const fold = section?.querySelector<HTMLDetailsElement>(":scope > details.fold");
    if (fold == null) return;
    fold.open = true;
    section?.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  const seen = new Map<string, boolean>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) seen.set(target.id, isIntersecting);
      const current = [...links.keys()].find((id) => seen.get(id) === true);
      for (const [id, link] of links) {
        if (id === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-10% 0px -60% 0px" },
  );
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section !== null) observer.observe(section);
  }
}
