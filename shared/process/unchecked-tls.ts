/** Options of a MongoDB address by which its driver takes a certificate of anybody, or one for another host. */
const optionsWithoutCheck = ["tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames"];

/** What is wrong with an address of MongoDB whose certificates would not be checked. Names count in any case. */
export function uncheckedTls(mongodbUrl: string): string | undefined {
  const options = mongodbUrl.split(/[?&]/).slice(1);
  const given = options
    .flatMap((option) => [...new URLSearchParams(option)])
    .filter(([, value]) => value !== "false")
    .map(([name]) => name.toLowerCase());
  const unchecked = optionsWithoutCheck.find((name) => given.includes(name.toLowerCase()));
  return unchecked && switchesOff(unchecked);
}

/** What is wrong with an environment in which Node itself would check no certificate. */
export function uncheckedByNode(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  // As Node compares it.
  if (environment["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return undefined;
  return `NODE_TLS_REJECT_UNAUTHORIZED: ${switchesOff("0")}`;
}

function switchesOff(what: string): string {
  return `${what} switches the check of certificates off: take it out, and name your certificate authority in NODE_EXTRA_CA_CERTS`;
}
