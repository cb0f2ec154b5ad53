export { createNodes, createNodesV2 } from './graph/create-nodes.ts';
