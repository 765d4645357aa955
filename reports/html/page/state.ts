/// <reference lib="dom" />

/** What a link to the page carries of the form begins with this, which sets it apart from a link to a section. */
const mark = "#policy?";

/** A link to this page with the form as it stands. */
export function linkTo(form: HTMLFormElement): string {
  const fields = [...new FormData(form)].flatMap(([name, value]): [string, string][] =>
    typeof value === "string" && value !== "" ? [[name, value]] : [],
  );
  return `${location.href.replace(/#.*$/s, "")}${mark}${new URLSearchParams(fields)}`;
}

/** Keeps the form in the address, or takes it out where it is as it was. */
export function keep(form: HTMLFormElement, isChanged: boolean): void {
  if (isChanged) history.replaceState(null, "", linkTo(form));
  else if (location.hash.startsWith(mark))
    history.replaceState(null, "", location.href.replace(/#.*$/s, "#"));
}

/** What the address carries of the form; null where it carries nothing. */
export const kept = (): URLSearchParams | null =>
  location.hash.startsWith(mark) ? new URLSearchParams(location.hash.slice(mark.length)) : null;

/** Sets the fields that the address names. What is no value of its field leaves the field empty, as typing it would. */
export function restore(form: HTMLFormElement, fields: URLSearchParams): void {
  for (const field of form.querySelectorAll<HTMLInputElement>("input")) {
    const value = fields.get(field.name);
    if (field.type === "checkbox") field.checked = value !== null;
    else if (field.type === "radio") field.checked = field.value === value;
    else field.value = value ?? (field.type === "range" ? field.value : "");
  }
}
