const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The day as llama.cpp gives it to templates, under the names by which published ones ask for it: Llama 3's would say 26 July
 * 2024 without, FireFunction's none. By the clock of this machine.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/common/chat.cpp, `common_chat_extra_context`
 */
export function templateDates(now: Date): { datetime: string; date_string: string } {
  const day = String(now.getDate()).padStart(2, '0');
  const month = months[now.getMonth()];
  const year = now.getFullYear();
  return { datetime: `${month} ${day} ${year}`, date_string: `${day} ${month} ${year}` };
}
