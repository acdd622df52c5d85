// What the page knows, and how it keeps up: the world is read anew when the revision has grown, records as they come.

import { useEffect, useState } from "preact/hooks";

import * as api from "./api";
import type { Scope } from "./describe";
import { type Flow, read } from "./flow";
import { EVERYWHERE, format, parse, type Place } from "./place";
import { join, type World } from "./world";

const EVERY_MS = 1_000;
/** Records kept for lists and charts; the oldest go first. */
const FLOWS_MAX = 20_000;

export interface State {
  place: Place;
  go: (change: Partial<Place>) => void;
  scope?: Scope;
  region: string;
  account: string;
  world?: World;
  flows: Flow[];
  lost: number;
  /** Why there is nothing new, in words; nothing while all is well. */
  trouble?: string;
}

export function useConsole(): State {
  const [place, setPlace] = useState(() => parse(location.hash));
  const [scope, setScope] = useState<Scope>();
  const [world, setWorld] = useState<World>();
  const [feed, setFeed] = useState<{ flows: Flow[]; lost: number }>({ flows: [], lost: 0 });
  const [trouble, setTrouble] = useState<string>();
  const region = place.region ?? scope?.regions[0] ?? "";
  const account = place.account ?? scope?.accounts[0] ?? "";
  const everywhere = scope?.regions.join(" ");

  useEffect(() => {
    const follow = () => setPlace(parse(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  useEffect(() => repeat(async () => setScope(await api.scope()), 10 * EVERY_MS, setTrouble), []);

  useEffect(() => {
    const regions = region === EVERYWHERE ? (everywhere ? everywhere.split(" ") : []) : [region];
    if (!regions[0] || !account) return undefined;
    let seen = -1;
    return repeat(async (current) => {
      const newest = await api.revision();
      if (newest === seen) return;
      const parts = await Promise.all(regions.map(async (one) => ({ region: one, described: await api.describe(one, account) })));
      if (!current()) return;
      // One that was answered before a change is read anew.
      seen = Math.min(...parts.map((part) => part.described.revision));
      setWorld(join(parts));
    }, EVERY_MS, setTrouble);
  }, [region, account, everywhere]);

  useEffect(() => {
    let after = 0;
    return repeat(async (current) => {
      const news = await api.flows(after);
      if (!current()) return;
      after = news.next;
      const flows = news.records.map(read).filter((flow) => flow !== undefined);
      if (flows.length > 0 || news.lost > 0) {
        setFeed((old) => ({ flows: [...old.flows, ...flows].slice(-FLOWS_MAX), lost: old.lost + news.lost }));
      }
    }, EVERY_MS, () => undefined);
  }, []);

  const go = (change: Partial<Place>) => {
    location.hash = format({ ...place, ...change });
  };
  return { place, go, scope, region, account, world, flows: feed.flows, lost: feed.lost, trouble };
}

/** Does something now and again and again, one at a time, until the answer is called. */
function repeat(
  task: (current: () => boolean) => Promise<void>, pause: number, tell: (trouble: string | undefined) => void,
): () => void {
  let live = true;
  const run = async () => {
    while (live) {
      try {
        await task(() => live);
        tell(undefined);
      } catch (error) {
        tell(`${api.told(error)}; trying again`);
      }
      await new Promise((done) => setTimeout(done, pause));
    }
  };
  void run();
  return () => {
    live = false;
  };
}
