/** Path of the GGUF file. */
export declare const storytellerPath: string;
