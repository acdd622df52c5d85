// The console's frame: where you are, what you look for, and the four views.

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Flows } from "./flows";
import { History } from "./history";
import { Inspector } from "./inspector";
import { Topology } from "./map";
import { EVERYWHERE, type View } from "./place";
import { useConsole } from "./state";
import "./style.css";
import { Tables } from "./tables";
import { Why } from "./why";

const VIEWS: [View, string][] = [["map", "Map"], ["flows", "Flows"], ["history", "History"], ["tables", "Resources"], ["why", "Why?"]];
const THEMES = ["system", "light", "dark"] as const;

function Console() {
  const state = useConsole();
  const { place, go, scope, region, account, world } = state;
  const search = useRef<HTMLInputElement>(null);
  useKeys(state.go, search);
  return (
    <>
      <header class="top">
        <strong class="brand">openvpc</strong>
        <nav aria-label="views">
          {VIEWS.map(([view, title], index) => (
            <button key={view} aria-current={place.view === view ? "page" : undefined} onClick={() => go({ view })} title={`key ${index + 1}`}>{title}</button>
          ))}
        </nav>
        <input ref={search} class="search" type="search" placeholder="filter: words, or name=value  ( / )" aria-label="filter"
          value={place.filter ?? ""} onInput={(event) => go({ filter: event.currentTarget.value || undefined })} />
        <Choice title="region" value={region} all={scope?.regions ?? []} every="all regions" choose={(value) => go({ region: value, selected: undefined })} />
        <Choice title="account" value={account} all={scope?.accounts ?? []} choose={(value) => go({ account: value, selected: undefined })} />
        <Theme />
      </header>
      {state.trouble && <p class="warning" role="status">{state.trouble}</p>}
      <main class={place.view}>
        <div class="stage">
          {place.view === "map" && world && <Topology world={world} scope={scope} place={place} flows={state.flows} go={go} />}
          {place.view === "tables" && world && <Tables world={world} place={place} go={go} />}
          {place.view === "flows" && <Flows world={world} place={place} flows={state.flows} lost={state.lost} go={go} />}
          {place.view === "history" && <History world={world} place={place} flows={state.flows} go={go} />}
          {place.view === "why" && <Why region={region} account={account} revision={world?.described.revision} place={place} go={go} />}
        </div>
        {world && place.view !== "why" && <Inspector world={world} place={place} go={go} />}
      </main>
      <footer>
        <span>revision {world?.described.revision ?? "…"}</span>
        <span>keys: 1–5 views, / filter, Esc closes</span>
        <span>openvpc {scope?.version}</span>
      </footer>
    </>
  );
}

interface ChoiceProps { title: string; value: string; all: string[]; every?: string; choose: (value: string) => void }

function Choice({ title, value, all, every, choose }: ChoiceProps) {
  if (all.length < 2) return <span class="scope" title={title}>{value}</span>;
  return (
    <select aria-label={title} value={value} onChange={(event) => choose(event.currentTarget.value)}>
      {all.map((one) => <option key={one}>{one}</option>)}
      {every && <option value={EVERYWHERE}>{every}</option>}
    </select>
  );
}

function Theme() {
  const [theme, setTheme] = useState(() => THEMES.find((one) => one === localStorage.getItem("theme")) ?? "system");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return <button class="quiet" onClick={() => setTheme(next)} title={`colours: ${theme}`} aria-label={`colours: ${theme}; change to ${next}`}>{theme === "dark" ? "☾" : theme === "light" ? "☀" : "◐"}</button>;
}

function useKeys(go: ReturnType<typeof useConsole>["go"], search: { current: HTMLInputElement | null }) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = ["INPUT", "SELECT", "TEXTAREA"].includes((event.target as HTMLElement).tagName);
      if (event.key === "Escape") {
        if (typing) (event.target as HTMLElement).blur();
        else go({ selected: undefined });
      } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        const view = VIEWS[Number(event.key) - 1];
        if (event.key === "/") {
          event.preventDefault();
          search.current?.focus();
        } else if (view) go({ view: view[0] });
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}

const root = document.getElementById("app");
if (root) render(<Console />, root);
