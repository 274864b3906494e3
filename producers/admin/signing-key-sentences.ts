import type { SigningKeyReason } from "./change-signing-key.js";

/** Why a change of a signing key is refused, for operators. */
export const signingKeySentences: Record<SigningKeyReason, (about: string) => string> = {
  exists: (id) => `signing key ${id} exists already: make a new one under another --id and --key-version`,
  version_taken: (id) =>
    `signing key ${id} has this --key-id and --key-version already: phones could not tell them apart`,
  other_master_key: () =>
    "TEKSTREAM_MASTER_KEY is not the one that this deployment's keys are wrapped with: its processes could not sign with the new key",
  ends_before_it_begins: () => "--thru must be later than --from",
  unknown: (id) => `there is no signing key ${id}; see: tekstream signing-key list`,
  in_the_past: () =>
    "--at lies in the past: which keys sign a window that has ended is settled, so that it can be built again. Use --at now",
  ended_already: (id) => `signing key ${id} has ended already`,
};
