// The search box of tables: every word must occur; `key=value` asks one member, `*` stands for anything.

type Row = Record<string, string>;

/** Whether a row meets a filter such as `state=avail* 10.0.` */
export function matches(row: Row, filter: string): boolean {
  return words(filter).every((word) => {
    const at = word.indexOf("=");
    const key = word.slice(0, at).toLowerCase();
    const named = at > 0 ? Object.keys(row).filter((name) => name.toLowerCase() === key) : [];
    if (at > 0 && named.length > 0) return named.some((name) => like(row[name] ?? "", word.slice(at + 1)));
    return Object.values(row).some((value) => value.toLowerCase().includes(word.toLowerCase()));
  });
}

function words(filter: string): string[] {
  return filter.split(/\s+/).filter((word) => word !== "");
}

function like(value: string, pattern: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  let rest = value.toLowerCase();
  for (const [index, part] of parts.entries()) {
    const at = index === 0 ? (rest.startsWith(part) ? 0 : -1) : rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return rest === "" || parts.at(-1) === "" || value.toLowerCase().endsWith(parts.at(-1) ?? "");
}
