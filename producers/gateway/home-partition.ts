/**
 * The partition of a submission: that of the one whose revision token it brings, so that a revision never overtakes its
 * key; else one that its identity decides, so that the same request repeated meets itself there.
 */
export function homePartition(identity: Buffer, home: number | undefined, partitions: number): number {
  if (home !== undefined && home < partitions) return home;
  return identity.readUInt32BE(0) % partitions;
}
