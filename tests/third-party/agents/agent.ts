/** What a gateway is to an agent. */
export interface AgentTask {
  /** The gateway's address, without a slash at the end. */
  url: string;
  model: string;
  prompt: string;
}

/**
 * A program that works on a task with a model and tools of its own. How it is pointed at a gateway is read from
 * docs/agents.md, from the section that has its name.
 */
export interface Agent {
  /** As in the tables of the documentation. */
  name: string;
  /** Its package on npm, and the file in there that starts it. */
  package: string;
  entry: string;
  /** Needs a newer Node than Headway's oldest; it is run by the one that is a package here. @default false */
  newerNode?: boolean;
  /** What it is called with behind its name, so that it does the task and ends. */
  args: (task: AgentTask) => string[];
  /** Hosts that it asks for something whatever it is told; it works without them. @default none */
  asksAlso?: readonly string[];
  /** The path that it sends its requests to. */
  path: string;
  /** Its own tool to read a file, and what that is called with. */
  readTool: { name: string; arguments: (file: string) => object };
  /**
   * What it says when a prompt does not fit. `args` are for one that says nothing when called with its others.
   *
   * @default the others
   */
  overflow: { says: RegExp; args?: (task: AgentTask) => string[] };
  /** What it says of a model that is not there: the gateway's words, or its own. */
  unknownModel: { says: RegExp };
}
