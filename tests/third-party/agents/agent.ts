/** A task for an agent, and the gateway to use. */
export interface AgentTask {
  /** URL of the gateway, without a slash at the end. */
  url: string;
  model: string;
  prompt: string;
}

/**
 * A program that works on a task with a model and its own tools. The test reads its configuration from the section of
 * docs/agents.md with its name.
 */
export interface Agent {
  /** Its name in the documentation. */
  name: string;
  /** Its npm package, and the file that starts it. */
  package: string;
  entry: string;
  /** Whether it needs a newer Node than Headway does. The test then uses the Node of an npm package. @default false */
  newerNode?: boolean;
  /** Its arguments to do the task and exit. */
  args: (task: AgentTask) => string[];
  /** Hosts that it always tries to reach, although it works without them. @default none */
  asksAlso?: readonly string[];
  /** The path of its requests. */
  path: string;
  /** Its tool to read a file, and the arguments of that. */
  readTool: { name: string; arguments: (file: string) => object };
  /**
   * Its message on a context overflow. `args` are for an agent that prints none with its usual arguments.
   *
   * @default the usual arguments
   */
  overflow: { says: RegExp; args?: (task: AgentTask) => string[] };
  /** Its message on an unknown model: the gateway's, or its own. */
  unknownModel: { says: RegExp };
}
