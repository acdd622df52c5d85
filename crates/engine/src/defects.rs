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
