//! Mistakes that tests plant to prove that they would be seen (feature `planted-defects`). Without the feature every
//! question is the constant `false`.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Addresses are looked up without their VPC.
    VpcNotInKey,
    /// ENI-2 for senders.
    SourceCheckSkipped,
    /// ENI-2 for receivers.
    DestinationCheckSkipped,
    /// ACL-1: an ACL keeps no state.
    AclSparesReplies,
    /// ACL-1: highest number first.
    AclOrderReversed,
    /// RT-10: an ACL at no edge.
    AclWithinSubnet,
    /// SG-6: rules asked about replies.
    GroupsForgetFlows,
    /// SG-7: untracked flows are tracked.
    UntrackedTracked,
    /// SG-7: a SYN taken for an answer.
    SynTakenForAnswer,
    /// SG-5: a reference matches what a middlebox forwarded.
    GroupMatchesForwarded,
    /// SG-8: nothing idles out.
    FlowsNeverExpire,
    /// RT-2: shortest prefix.
    ShortestPrefix,
    /// RT-9: a blackhole gives way to the next route.
    BlackholeFallsThrough,
    /// IGW-2: out without a public address.
    GatewayWithoutPublicAddress,
    /// IGW-3: private addresses pass.
    GatewayPassesPrivate,
    /// IGW-4: into private subnets.
    GatewayIntoPrivateSubnet,
    /// EO-24: the egress-only gateway lets anybody in.
    EgressOnlyUnsolicited,
    /// EO-28: it waits for answers as long as the interface does.
    EgressOnlyEndless,
    /// SG-7: flows through it are tracked only if the rules say so.
    EgressOnlyUntracked,
    /// RT-12: an edge table without effect.
    EdgeTableIgnored,
    /// RT-12: the edge table is asked about the public address.
    EdgeTableAskedBeforeTranslation,
    /// RT-4: a route inside the VPC gives way to the local one.
    LocalBeforeLongest,
    /// PCX-34: a peer passes packets on.
    PeeringTransitive,
    /// Network ACLs: a peer is no other subnet.
    PeeringWithoutAcl,
    /// I-12: a later fragment needs no first one.
    FragmentAlone,
    /// I-12: nor one that passed.
    FragmentOfRefused,
    /// I-12: fragments may overlap.
    FragmentOverlaps,
    /// I-11: any error is related.
    ErrorUnrelated,
    /// I-11: to whomever it goes.
    ErrorToAnyone,
    /// I-11: an error keeps its flow alive.
    ErrorRefreshes,
    /// IGW-2: what an error quotes stays as it is.
    ErrorQuoteUntranslated,
    /// NAT-4: any port of the far end may answer.
    NatAnswersFromAnyPort,
    /// NAT-4: a request with the identifier of a query is an answer.
    NatPingsIn,
    /// NAT-4: fragments of TCP and ICMP pass.
    NatFragmentsPass,
    /// NAT-4: other protocols pass.
    NatProtocolsPass,
    /// NAT-5: any port is taken.
    NatLowPorts,
    /// NAT-6: nothing idles out.
    NatNeverExpires,
    /// NAT-6: no reset after it.
    NatWithoutReset,
    /// NAT-6: an error on its way out shows who is inside.
    NatErrorsShowInside,
    /// NAT-6: a new connection on the ports of a closed one ends with it.
    NatClosedForGood,
    /// NAT-7: no ACL inbound.
    NatWithoutAclInbound,
    /// NAT-7: no ACL outbound.
    NatWithoutAclOutbound,
    /// NAT-7: flows through it are tracked only if the rules say so.
    NatUntracked,
    /// NAT-9: sources of elsewhere are translated too.
    NatForeignSources,
    /// NAT-11: to addresses that never travel.
    Nat64Anywhere,
    /// D5: a new snapshot keeps old verdicts.
    CacheOutlivesSnapshot,
    /// D6: a reading resets the counters.
    CountersReadDestructively,
    /// 01 §5: a refusal recorded as ACCEPT.
    RejectLoggedAsAccept,
}

#[cfg(feature = "planted-defects")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Defect>> = const { std::cell::Cell::new(None) };
}

/// Plants a defect in every engine of this thread, or takes it out.
#[cfg(feature = "planted-defects")]
pub fn plant(defect: Option<Defect>) {
    PLANTED.set(defect);
}

#[cfg(feature = "planted-defects")]
pub(crate) fn planted(defect: Defect) -> bool {
    PLANTED.get() == Some(defect)
}

#[cfg(not(feature = "planted-defects"))]
#[inline(always)]
pub(crate) const fn planted(_: Defect) -> bool {
    false
}
