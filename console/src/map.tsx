// The map: VPCs as boxes, zones as columns, subnets in them, interfaces as chips; what flows is drawn over it.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Scope } from "./describe";
import { bytesText, type Flow, type Strand, strands } from "./flow";
import type { Place } from "./place";
import type { InterfaceView, SubnetView, VpcView, World } from "./world";

/** More interfaces than this in one subnet are drawn as dots until the subnet is opened. */
const CHIPS_MAX = 12;
/** Dots drawn of one subnet; the rest is a number. */
const DOTS_MAX = 400;
const STRANDS_MAX = 200;
/** A flow stays on the map this long after its last record. */
const SHOWN_SECS = 15;

interface Props {
  world: World;
  scope?: Scope;
  place: Place;
  flows: Flow[];
  go: (change: Partial<Place>) => void;
}

export function Topology({ world, scope, place, flows, go }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [showDefault, setShowDefault] = useState(false);
  const board = useRef<HTMLDivElement>(null);
  const since = Date.now() / 1000 - SHOWN_SECS;
  const shown = world.vpcs.filter((view) => !view.vpc.IsDefault || showDefault || world.vpcs.length === 1 || busy(view));
  const hidden = world.vpcs.length - shown.length;
  const select = (id: string) => go({ selected: place.selected === id ? undefined : id });
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div class="board" ref={board}>
      <div class="cloud" data-node="internet" tabIndex={0} role="button" aria-label="the internet"
        onClick={() => select("internet")} onKeyDown={enter(() => select("internet"))}>
        <strong>Internet</strong>
        {(scope?.outside ?? []).map((host) => (
          <span class="outside" key={host.name} title={host.addresses.join("\n")}>{host.name} <small>{host.addresses[0]}</small></span>
        ))}
      </div>
      <div class="regions">
        {world.regions.filter((region) => shown.some((view) => view.region === region)).map((region) => (
          <section key={region} class="region" aria-label={`region ${region}`}>
            {world.regions.length > 1 && <h2>{region}</h2>}
            <div class="vpcs">
              {shown.filter((view) => view.region === region).map((view) => (
                <VpcBox key={view.vpc.VpcId} view={view} selected={place.selected} select={select} open={open} toggle={toggle} />
              ))}
            </div>
          </section>
        ))}
      </div>
      {hidden > 0 && <button class="quiet" onClick={() => setShowDefault(true)}>show the default VPC{hidden > 1 && "s"}</button>}
      {world.vpcs.length === 0 && <p class="empty">No VPC yet. <code>aws ec2 create-vpc --cidr-block 10.0.0.0/16</code> makes one.</p>}
      <Overlay board={board} lines={strands(world, flows.filter((flow) => flow.at >= since), STRANDS_MAX)}
        layout={`${world.described.revision} ${[...open].join()} ${showDefault}`} />
    </div>
  );
}

const busy = (view: VpcView) => view.zones.some((zone) => zone.subnets.some((one) => one.interfaces.length > 0));

const enter = (act: () => void) => (event: KeyboardEvent) => {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    act();
  }
};

interface BoxProps {
  selected?: string;
  select: (id: string) => void;
  open: ReadonlySet<string>;
  toggle: (id: string) => void;
}

function VpcBox({ view, selected, select, open, toggle }: BoxProps & { view: VpcView }) {
  const id = view.vpc.VpcId;
  return (
    <section class={`vpc ${selected === id ? "selected" : ""}`} aria-label={`VPC ${view.name}`}>
      <header>
        <button class="title" onClick={() => select(id)}>{view.name}</button>
        <span class="cidrs">{view.cidrs.join("  ")}</span>
      </header>
      <div class="gateways">
        {view.gateways.map((gateway) => (
          <button key={gateway.id} data-node={gateway.id} title={`${gateway.id}, ${gateway.state}`}
            class={`gateway ${gateway.kind} ${live(gateway.state) ? "" : "off"} ${selected === gateway.id ? "selected" : ""}`}
            onClick={() => select(gateway.id)}>
            {gateway.label}{live(gateway.state) ? "" : ` (${gateway.state})`}
          </button>
        ))}
      </div>
      <div class="zones">
        {view.zones.map(({ zone, subnets }) => (
          <div class="zone" key={zone}>
            <h3>{zone}</h3>
            {subnets.map((one) => (
              <SubnetBox key={one.subnet.SubnetId} view={one} selected={selected} select={select} open={open} toggle={toggle} />
            ))}
          </div>
        ))}
        {view.zones.length === 0 && <p class="empty">no subnets</p>}
      </div>
    </section>
  );
}

const live = (state: string) => ["available", "attached", "active"].includes(state);

const REACH: Record<SubnetView["reach"], string> = {
  public: "public", nat: "NAT", "egress-only": "egress-only IPv6", private: "private",
};

function SubnetBox({ view, selected, select, open, toggle }: BoxProps & { view: SubnetView }) {
  const id = view.subnet.SubnetId;
  const dense = view.interfaces.length > CHIPS_MAX && !open.has(id);
  return (
    <div class={`subnet ${view.reach} ${selected === id ? "selected" : ""}`} data-node={id}>
      <header>
        <button class="title" onClick={() => select(id)}>{view.name}</button>
        <span class={`reach ${view.reach}`}>{REACH[view.reach]}</span>
      </header>
      <span class="cidrs">{view.subnet.CidrBlock}</span>
      {view.interfaces.length > CHIPS_MAX && (
        <button class="quiet" onClick={() => toggle(id)}>{view.interfaces.length} interfaces: {dense ? "show all" : "fold"}</button>
      )}
      <div class={dense ? "dots" : "chips"}>
        {view.interfaces.slice(0, dense ? DOTS_MAX : undefined).map((one) =>
          dense
            ? <Dot key={one.eni.NetworkInterfaceId} view={one} selected={selected} select={select} />
            : <Chip key={one.eni.NetworkInterfaceId} view={one} selected={selected} select={select} />,
        )}
        {dense && view.interfaces.length > DOTS_MAX && <small>and {view.interfaces.length - DOTS_MAX} more</small>}
      </div>
    </div>
  );
}

type PointProps = { view: InterfaceView; selected?: string; select: (id: string) => void };

const classes = ({ view, selected }: PointProps) =>
  `${view.kind} ${view.instance?.State.Name ?? ""} ${selected === view.eni.NetworkInterfaceId ? "selected" : ""}`;

function Chip(props: PointProps) {
  const { view, select } = props;
  const id = view.eni.NetworkInterfaceId;
  return (
    <button class={`chip ${classes(props)}`} data-node={id} onClick={() => select(id)} title={`${id}\n${view.addresses.join("\n")}`}>
      <strong>{view.name}</strong>
      <small>{view.eni.PrivateIpAddress}{view.eni.Association?.PublicIp ? ` · ${view.eni.Association.PublicIp}` : ""}</small>
    </button>
  );
}

function Dot(props: PointProps) {
  const { view, select } = props;
  const id = view.eni.NetworkInterfaceId;
  return (
    <button class={`dot ${classes(props)}`} data-node={id} onClick={() => select(id)}
      title={`${view.name} ${view.addresses[0] ?? ""}`} aria-label={view.name} />
  );
}

interface Line { path: string; accepted: boolean; width: number; title: string }

/** Curves between what is on the board, measured after it is laid out. */
function Overlay({ board, lines, layout }: { board: { current: HTMLDivElement | null }; lines: Strand[]; layout: string }) {
  const [drawn, setDrawn] = useState<Line[]>([]);
  const [bonds, setBonds] = useState<string[]>([]);
  const [size, setSize] = useState(0);
  useLayoutEffect(() => {
    const element = board.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setSize((old) => old + 1));
    observer.observe(element);
    return () => observer.disconnect();
  }, [board]);
  const key = lines.map((line) => `${line.from}${line.to}${line.bytes}`).join();
  useLayoutEffect(() => {
    const element = board.current;
    if (!element) return;
    const origin = element.getBoundingClientRect();
    const centre = (id: string) => {
      const node = element.querySelector(`[data-node="${CSS.escape(id)}"]`)?.getBoundingClientRect();
      return node && { x: node.left + node.width / 2 - origin.left, y: node.top + node.height / 2 - origin.top };
    };
    const drawnLines = lines.flatMap((line) => {
      const [from, to] = [centre(line.from), centre(line.to)];
      if (!from || !to) return [];
      const bend = Math.min(60, Math.hypot(to.x - from.x, to.y - from.y) / 4);
      const path = `M${from.x} ${from.y} C${from.x + bend} ${from.y + bend} ${to.x + bend} ${to.y - bend} ${to.x} ${to.y}`;
      const title = `${line.accepted ? "accepted" : "rejected"}: ${line.packets} packets, ${bytesText(line.bytes)}`;
      return [{ path, accepted: line.accepted, width: 1 + Math.min(4, Math.log10(1 + line.bytes / 100)), title }];
    });
    const chips = [...element.querySelectorAll<HTMLElement>(".gateway.pcx")];
    const bonds = chips.flatMap((chip, index) => {
      const twin = chips.slice(index + 1).find((other) => other.dataset.node === chip.dataset.node);
      if (!twin) return [];
      const [from, to] = [chip, twin].map((one) => one.getBoundingClientRect());
      if (!from || !to) return [];
      const [x1, y1] = [from.left + from.width / 2 - origin.left, from.bottom - origin.top];
      const [x2, y2] = [to.left + to.width / 2 - origin.left, to.bottom - origin.top];
      return [`M${x1} ${y1} C${x1} ${y1 + 30} ${x2} ${y2 + 30} ${x2} ${y2}`];
    });
    setBonds(bonds);
    setDrawn(drawnLines);
  }, [key, size, board, layout]);
  return (
    <svg class="overlay" aria-hidden="true">
      {bonds.map((path) => <path key={path} d={path} class="bond" />)}
      {drawn.map((line, index) => (
        <path key={index} d={line.path} class={line.accepted ? "accepted" : "rejected"} stroke-width={line.width}><title>{line.title}</title></path>
      ))}
    </svg>
  );
}
