/**
 * The functions that Envoy gives a module of Proxy-Wasm ABI 0.2.1, by the module they are imported from. An import
 * beyond them makes Envoy refuse the whole module.
 * Source: proxy-wasm-cpp-host, include/proxy-wasm/exports.h and `registerCallbacks` in src/wasm.cc, as in Envoy 1.40;
 * host-functions.spec.ts has a real Envoy confirm each.
 */
const proxyWasm = `
  proxy_log proxy_get_log_level proxy_get_current_time_nanoseconds proxy_set_tick_period_milliseconds
  proxy_get_property proxy_set_property proxy_get_status proxy_set_effective_context proxy_done
  proxy_get_header_map_value proxy_get_header_map_pairs proxy_get_header_map_size proxy_add_header_map_value
  proxy_replace_header_map_value proxy_remove_header_map_value proxy_set_header_map_pairs
  proxy_get_buffer_bytes proxy_get_buffer_status proxy_set_buffer_bytes
  proxy_send_local_response proxy_continue_stream proxy_close_stream
  proxy_http_call proxy_grpc_call proxy_grpc_stream proxy_grpc_send proxy_grpc_cancel proxy_grpc_close
  proxy_get_shared_data proxy_set_shared_data
  proxy_register_shared_queue proxy_resolve_shared_queue proxy_enqueue_shared_queue proxy_dequeue_shared_queue
  proxy_define_metric proxy_get_metric proxy_record_metric proxy_increment_metric
  proxy_call_foreign_function
  emscripten_notify_memory_growth pthread_equal`;

/** WASI 0.1. Those of files and sockets are there, and return an error when they are called. */
const wasi = `
  args_get args_sizes_get environ_get environ_sizes_get clock_res_get clock_time_get
  fd_advise fd_allocate fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights
  fd_filestat_get fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get
  fd_pwrite fd_read fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write
  path_create_directory path_filestat_get path_filestat_set_times path_link path_open path_readlink
  path_remove_directory path_rename path_symlink path_unlink_file
  sock_accept sock_recv sock_send sock_shutdown
  poll_oneoff proc_exit random_get sched_yield`;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const hostFunctions: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['env', words(proxyWasm)],
  ['wasi_snapshot_preview1', words(wasi)],
  ['wasi_unstable', words(wasi)],
]);
