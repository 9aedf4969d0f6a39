/**
 * Folder of everything that is kept. Apart from the schema, so that a command that only reads from it need
 * not load that.
 */
export const DATA_FOLDER = './data'
