/** Path of the model's file. */
export declare const storytellerPath: string;
