/** Clocks that are steered move by far less between two looks. */
const stepMsMin = 1000;

// The Kafka client reckons by the machine's clock when the next heartbeat is due, and how old is what it knows of
// topics. Where the clock is set back, its consumers say nothing and learn nothing for as long as the clock was ahead,
// and its admins give old answers. Those made afterwards are right.

/** Gives what tells, each time, whether the machine's clock was set back since the time before. */
export function setBackWatch(): () => boolean {
  let before = aheadMs();
  return () => {
    const now = aheadMs();
    const wasSetBack = now < before - stepMsMin;
    before = now;
    return wasSetBack;
  };
}

/** The machine's clock against one that nobody sets. */
function aheadMs(): number {
  return Date.now() - performance.now();
}
