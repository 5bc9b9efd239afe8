/**
 * The passes of each optimisation level, in their order.
 *
 * Level 0 runs what later stages rely on and no more: no unreachable blocks, no argument on an edge
 * that has siblings, constants near their uses, blocks in emission order.
 *
 * @module
 */
import { deadCode } from "./dead_code.ts";
import { foldBranches } from "./fold_branches.ts";
import { hoistInvariants } from "./hoist_invariants.ts";
import { ifConversion } from "./if_conversion.ts";
import { layout } from "./layout.ts";
import { loopInversion } from "./loop_inversion.ts";
import { mergeBlocks } from "./merge_blocks.ts";
import { checkOrder, type Pass } from "./pass.ts";
import { placeConstants } from "./place_constants.ts";
import { readonlyLoads } from "./readonly_loads.ts";
import { redundantLoads } from "./redundant_loads.ts";
import { redundantParams } from "./redundant_params.ts";
import { sinkFrame } from "./sink_frame.ts";
import { splitCriticalEdges } from "./split_critical_edges.ts";
import { threadJumps } from "./thread_jumps.ts";
import { unreachableBlocks } from "./unreachable_blocks.ts";

/** The passes of each optimisation level. */
export const pipelines: readonly [readonly Pass[], readonly Pass[]] = [
  checkOrder([
    unreachableBlocks,
    redundantParams,
    splitCriticalEdges,
    placeConstants,
    layout,
  ]),
  checkOrder([
    unreachableBlocks,
    redundantParams,
    foldBranches,
    deadCode,
    threadJumps,
    ifConversion,
    loopInversion,
    mergeBlocks,
    redundantLoads,
    readonlyLoads,
    redundantParams,
    hoistInvariants,
    sinkFrame,
    splitCriticalEdges,
    placeConstants,
    layout,
  ]),
];
