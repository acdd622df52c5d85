// "Why does this packet not arrive?": the engine's own answer, for two things chosen on the map or typed.

import { useEffect, useState } from "preact/hooks";

import * as api from "./api";
import type { Place } from "./place";

interface Props { region: string; account: string; revision?: number; place: Place; go: (change: Partial<Place>) => void }

export function Why({ region, account, revision, place, go }: Props) {
  const { src, dst, port, protocol } = place;
  const [answer, setAnswer] = useState<{ reachable?: boolean; text: string }>();
  useEffect(() => {
    if (!src || !dst) {
      setAnswer(undefined);
      return undefined;
    }
    let live = true;
    api.why({ src, dst, port, protocol, region, account }).then(
      (told) => live && setAnswer(told),
      (error: unknown) => live && setAnswer({ text: api.told(error) }),
    );
    return () => {
      live = false;
    };
  }, [src, dst, port, protocol, region, account, revision]);
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = (name: string) => String(form.get(name) ?? "").trim() || undefined;
    go({ src: given("src"), dst: given("dst"), port: given("port"), protocol: given("protocol") });
  };
  return (
    <div class="why">
      <form onSubmit={ask} key={`${src}${dst}${port}${protocol}`}>
        <label>from <input name="src" defaultValue={src} placeholder="i-…, eni-…, address, name, internet" required /></label>
        <button type="button" class="quiet" aria-label="exchange the ends" onClick={() => go({ src: dst, dst: src })}>⇄</button>
        <label>to <input name="dst" defaultValue={dst} placeholder="i-…, eni-…, address, name, internet" required /></label>
        <label>protocol <select name="protocol" defaultValue={protocol ?? "tcp"}><option>tcp</option><option>udp</option><option>icmp</option></select></label>
        <label>port <input name="port" defaultValue={port} inputMode="numeric" size={6} placeholder="443" /></label>
        <button class="primary">Why?</button>
      </form>
      {answer && (
        <section aria-live="polite" class={`answer ${answer.reachable === undefined ? "" : answer.reachable ? "good" : "bad"}`}>
          <pre>{answer.text}</pre>
        </section>
      )}
      {!answer && <p class="empty">Name two ends, or choose them on the map with “from here” and “to here”.</p>}
    </div>
  );
}
