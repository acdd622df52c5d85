// Beside the map: what was chosen, with the tables and rules that a packet of it meets.

import type { ComponentChildren } from "preact";

import type { NetworkAcl, RouteTable, SecurityGroup } from "./describe";
import type { Place } from "./place";
import { entriesOf, entryTraffic, number, permissionLines } from "./rules";
import { destinationOf, groupsOf, type InterfaceView, nameOf, targetOf, type World } from "./world";

interface Props { world: World; place: Place; go: (change: Partial<Place>) => void }

export function Inspector({ world, place, go }: Props) {
  const id = place.selected;
  if (!id) return null;
  const found = world.byId.get(id);
  return (
    <aside class="inspector" aria-label="details">
      <header>
        <div>
          <h2>{id === "internet" ? "Internet" : (nameOf((found?.resource as { Tags?: [] })?.Tags) ?? world.interfaces.get(id)?.name ?? id)}</h2>
          <small>{found?.kind} <code>{id}</code></small>
        </div>
        <button class="quiet" aria-label="close" onClick={() => go({ selected: undefined })}>×</button>
      </header>
      <p class="ask">
        Ask why: <button onClick={() => go({ src: id })} aria-pressed={place.src === id}>from here</button>
        <button onClick={() => go({ dst: id })} aria-pressed={place.dst === id}>to here</button>
        {place.src && place.dst && <button class="primary" onClick={() => go({ view: "why" })}>ask</button>}
      </p>
      <Details world={world} id={id} go={go} />
      {found && <details><summary>as the API describes it</summary><pre>{JSON.stringify(found.resource, null, 2)}</pre></details>}
    </aside>
  );
}

type Go = Props["go"];

function Details({ world, id, go }: { world: World; id: string; go: Go }) {
  const interfaceView = world.interfaces.get(id);
  if (interfaceView) return <OfInterface world={world} view={interfaceView} go={go} />;
  const subnet = world.subnets.get(id);
  if (subnet) {
    return (
      <>
        <Routes world={world} table={subnet.table} note={subnet.byMain ? "the VPC's main table" : undefined} go={go} />
        <Acl acl={subnet.acl} />
      </>
    );
  }
  const table = world.described.RouteTables?.find((one) => one.RouteTableId === id);
  if (table) return <Routes world={world} table={table} go={go} />;
  const group = world.described.SecurityGroups?.find((one) => one.GroupId === id);
  if (group) return <Group group={group} go={go} />;
  const acl = world.described.NetworkAcls?.find((one) => one.NetworkAclId === id);
  if (acl) return <Acl acl={acl} />;
  return null;
}

function OfInterface({ world, view, go }: { world: World; view: InterfaceView; go: Go }) {
  const { eni, instance } = view;
  const subnet = world.subnets.get(eni.SubnetId);
  return (
    <>
      <dl>
        <dt>addresses</dt><dd>{view.addresses.join(", ")}</dd>
        {eni.Association?.PublicIp && <><dt>public</dt><dd>{eni.Association.PublicIp}</dd></>}
        {instance && <><dt>instance</dt><dd><Link id={instance.InstanceId} go={go} /> {instance.State.Name}</dd></>}
        <dt>subnet</dt><dd><Link id={eni.SubnetId} go={go} /> in {subnet?.subnet.AvailabilityZone}</dd>
        {eni.SourceDestCheck === false && <><dt>forwards</dt><dd>source/destination check is off</dd></>}
      </dl>
      {groupsOf(world, eni).map((group) => <Group key={group.GroupId} group={group} go={go} />)}
      <Routes world={world} table={subnet?.table} note={subnet?.byMain ? "the VPC's main table" : undefined} go={go} />
      <Acl acl={subnet?.acl} />
    </>
  );
}

export function Link({ id, go }: { id: string; go: Go }) {
  return <a href="#" onClick={(event) => { event.preventDefault(); go({ selected: id }); }}>{id}</a>;
}

function Block({ title, note, children }: { title: string; note?: string; children: ComponentChildren }) {
  return <section class="block"><h3>{title}{note && <small> {note}</small>}</h3>{children}</section>;
}

function Routes({ world, table, note, go }: { world: World; table?: RouteTable; note?: string; go: Go }) {
  if (!table) return null;
  return (
    <Block title={`Route table ${nameOf(table.Tags) ?? table.RouteTableId}`} note={note}>
      <table>
        <thead><tr><th>destination</th><th>target</th></tr></thead>
        <tbody>
          {(table.Routes ?? []).map((route) => {
            const target = targetOf(route);
            return (
              <tr key={destinationOf(route)} class={route.State === "blackhole" ? "bad" : ""}>
                <td>{destinationOf(route)}</td>
                <td>{world.byId.has(target) ? <Link id={target} go={go} /> : target}{route.State === "blackhole" && " blackhole"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Block>
  );
}

function Group({ group, go }: { group: SecurityGroup; go: Go }) {
  const rows = (permissions: SecurityGroup["IpPermissions"], way: string) =>
    (permissions ?? []).flatMap(permissionLines).map((line, index) => (
      <tr key={`${way}${index}`}>
        <td>{way}</td><td>{line.traffic}</td>
        <td>{line.peer.startsWith("sg-") || line.peer.startsWith("pl-") ? <Link id={line.peer} go={go} /> : line.peer}</td>
      </tr>
    ));
  return (
    <Block title={`Security group ${group.GroupName}`} note={group.GroupId}>
      <table>
        <thead><tr><th></th><th>allows</th><th>peer</th></tr></thead>
        <tbody>{rows(group.IpPermissions, "in")}{rows(group.IpPermissionsEgress, "out")}</tbody>
      </table>
    </Block>
  );
}

function Acl({ acl }: { acl?: NetworkAcl }) {
  if (!acl) return null;
  const rows = (egress: boolean) =>
    entriesOf(acl.Entries, egress).map((entry) => (
      <tr key={`${egress}${entry.RuleNumber}`} class={entry.RuleAction === "deny" ? "bad" : ""}>
        <td>{egress ? "out" : "in"}</td><td>{number(entry)}</td><td>{entryTraffic(entry)}</td>
        <td>{entry.CidrBlock ?? entry.Ipv6CidrBlock}</td><td>{entry.RuleAction}</td>
      </tr>
    ));
  return (
    <Block title={`Network ACL ${nameOf(acl.Tags) ?? acl.NetworkAclId}`} note={acl.IsDefault ? "the VPC's default" : undefined}>
      <table>
        <thead><tr><th></th><th>rule</th><th>traffic</th><th>peer</th><th></th></tr></thead>
        <tbody>{rows(false)}{rows(true)}</tbody>
      </table>
    </Block>
  );
}
