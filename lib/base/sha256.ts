/**
 * SHA-256 by the host (FIPS 180-4). Node's module for it takes longer to load than most files take to
 * hash, so this is asynchronous.
 *
 * @module
 */

/** The 32 bytes of the hash of bytes that no other thread shares. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const unshared = bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", unshared));
}

/** The hash as 64 hexadecimal digits. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return (await sha256(bytes)).toHex();
}
