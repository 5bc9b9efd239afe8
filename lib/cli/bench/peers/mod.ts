/**
 * The registry of peers.
 *
 * @module
 */
import { CompileError } from "../../../base/errors.ts";
import { UsageError } from "../../environment.ts";
import { type Peer, type PeerFigures, type PeerJob, skip } from "./peer.ts";
import { v8 } from "./v8.ts";
import { wasm2c } from "./wasm2c.ts";
import { cranelift, winch } from "./wasmtime.ts";
import { wazero } from "./wazero.ts";

/** All peers, in the order in which they are measured and shown. */
export const peers: readonly Peer[] = [v8, cranelift, winch, wazero, wasm2c];

/** The peers that `--peers` names. @throws UsageError for an unknown name */
export function selectPeers(names: string): readonly Peer[] {
  if (names === "all") return peers;
  if (names === "none") return [];
  const wanted = names.split(",");
  for (const name of wanted) {
    if (peers.some((peer) => peer.name === name)) continue;
    const known = peers.map((peer) => peer.name).join(", ");
    throw new UsageError(`unknown peer "${name}"; the peers are ${known}; also all, and none`);
  }
  return peers.filter(({ name }) => wanted.includes(name));
}

/** Measures peers one after the other; what fails is skipped, with the reason. */
export async function measurePeers(
  chosen: readonly Peer[],
  job: PeerJob,
): Promise<readonly PeerFigures[]> {
  const figures: PeerFigures[] = [];
  for (const peer of chosen) {
    try {
      figures.push(...await peer.measure(job));
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      figures.push(skip(peer.name, error.message));
    }
  }
  return figures;
}
