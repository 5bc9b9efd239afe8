/**
 * `sock_*`: a program has no way to get a socket, so these only say what is wrong with what it has.
 *
 * @module
 */
import { FileType } from "./abi.ts";
import { fail } from "./failure.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";

/** The functions of this file. */
export function socketFunctions({ descriptors }: WasiProcess): WasiFunctions {
  const refuse = (fd: number): never => {
    const { type } = descriptors.get(fd).node;
    // A directory may hold a socket of the host's.
    const isSocket = type === FileType.socketStream || type === FileType.socketDgram;
    return fail(isSocket ? "notsup" : "notsock");
  };
  return { sock_accept: refuse, sock_recv: refuse, sock_send: refuse, sock_shutdown: refuse };
}
