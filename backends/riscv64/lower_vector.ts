/**
 * Vectors: RV64GC has no registers for them, so a function that has one is not supported. Every vector
 * comes from a vector operator, which `unsupportedVectors` refuses, or out of a signature.
 *
 * @module
 */
import { Unsupported } from "../../lib/base/errors.ts";
import { type Signature, Type } from "../../lib/ir/types.ts";

/** @throws Unsupported when a signature has vectors */
export function refuseVectors({ params, results }: Signature, location: number): void {
  if (params.includes(Type.v128) || results.includes(Type.v128)) {
    throw new Unsupported("simd", location, "a vector parameter or result");
  }
}
