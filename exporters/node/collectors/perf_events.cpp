// The events by the numbers of linux/perf_event.h. For the caches the kernel counts accesses and misses; the
// names "hits" are those that dashboards have for accesses.
#include "exporters/node/collectors/perf_events.hpp"

#include <linux/perf_event.h>

namespace pifleet::node {

namespace {

using metrics::Type;

constexpr std::uint64_t cache(std::uint64_t which, std::uint64_t operation, std::uint64_t result) {
    return which | operation << 8 | result << 16;
}
constexpr std::uint64_t read = PERF_COUNT_HW_CACHE_OP_READ;
constexpr std::uint64_t write = PERF_COUNT_HW_CACHE_OP_WRITE;
constexpr std::uint64_t access = PERF_COUNT_HW_CACHE_RESULT_ACCESS;
constexpr std::uint64_t miss = PERF_COUNT_HW_CACHE_RESULT_MISS;

constexpr PerfEvent hardware[] = {
    {"CpuCycles",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_CPU_CYCLES,
     {"node_perf_cpucycles_total", Type::counter, "Cycles of the CPU, as many as its frequency makes."}},
    {"CpuInstr",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_INSTRUCTIONS,
     {"node_perf_instructions_total", Type::counter, "Instructions that ended."}},
    {"CacheRef",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_CACHE_REFERENCES,
     {"node_perf_cache_refs_total", Type::counter, "Looks into the last level's cache."}},
    {"CacheMisses",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_CACHE_MISSES,
     {"node_perf_cache_misses_total", Type::counter, "Looks into the last level's cache in vain."}},
    {"BranchInstr",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_BRANCH_INSTRUCTIONS,
     {"node_perf_branch_instructions_total", Type::counter, "Branches that ended."}},
    {"BranchMisses",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_BRANCH_MISSES,
     {"node_perf_branch_misses_total", Type::counter, "Branches that went where nobody expected."}},
    {"StalledCyclesBackend",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_STALLED_CYCLES_BACKEND,
     {"node_perf_stalled_cycles_backend_total", Type::counter, "Cycles in which no instruction could end."}},
    {"StalledCyclesFrontend",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_STALLED_CYCLES_FRONTEND,
     {"node_perf_stalled_cycles_frontend_total",
      Type::counter,
      "Cycles in which no instruction could begin."}},
    {"RefCpuCycles",
     PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_REF_CPU_CYCLES,
     {"node_perf_ref_cpucycles_total", Type::counter, "Cycles at the CPU's nominal frequency."}},
};

constexpr PerfEvent software[] = {
    {"PageFault",
     PERF_TYPE_SOFTWARE,
     PERF_COUNT_SW_PAGE_FAULTS,
     {"node_perf_page_faults_total", Type::counter, "Page faults."}},
    {"ContextSwitch",
     PERF_TYPE_SOFTWARE,
     PERF_COUNT_SW_CONTEXT_SWITCHES,
     {"node_perf_context_switches_total", Type::counter, "Switches from one task to another."}},
    {"CpuMigration",
     PERF_TYPE_SOFTWARE,
     PERF_COUNT_SW_CPU_MIGRATIONS,
     {"node_perf_cpu_migrations_total", Type::counter, "Tasks that moved to another CPU."}},
    {"MinorFault",
     PERF_TYPE_SOFTWARE,
     PERF_COUNT_SW_PAGE_FAULTS_MIN,
     {"node_perf_minor_faults_total", Type::counter, "Page faults that needed no disk."}},
    {"MajorFault",
     PERF_TYPE_SOFTWARE,
     PERF_COUNT_SW_PAGE_FAULTS_MAJ,
     {"node_perf_major_faults_total", Type::counter, "Page faults that needed a disk."}},
};

constexpr PerfEvent caches[] = {
    {"L1DataReadHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_L1D, read, access),
     {"node_perf_cache_l1d_read_hits_total", Type::counter, "Reads through the first level's data cache."}},
    {"L1DataReadMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_L1D, read, miss),
     {"node_perf_cache_l1d_read_misses_total",
      Type::counter,
      "Reads that the first level's data cache did not have."}},
    {"L1DataWriteHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_L1D, write, access),
     {"node_perf_cache_l1d_write_hits_total", Type::counter, "Writes through the first level's data cache."}},
    {"L1InstrReadMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_L1I, read, miss),
     {"node_perf_cache_l1_instr_read_misses_total",
      Type::counter,
      "Reads that the first level's instruction cache did not have."}},
    {"LLReadHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_LL, read, access),
     {"node_perf_cache_ll_read_hits_total", Type::counter, "Reads through the last level's cache."}},
    {"LLReadMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_LL, read, miss),
     {"node_perf_cache_ll_read_misses_total",
      Type::counter,
      "Reads that the last level's cache did not have."}},
    {"LLWriteHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_LL, write, access),
     {"node_perf_cache_ll_write_hits_total", Type::counter, "Writes through the last level's cache."}},
    {"LLWriteMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_LL, write, miss),
     {"node_perf_cache_ll_write_misses_total",
      Type::counter,
      "Writes that the last level's cache did not have."}},
    {"InstrTLBReadHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_ITLB, read, access),
     {"node_perf_cache_tlb_instr_read_hits_total",
      Type::counter,
      "Look-ups of the address of an instruction."}},
    {"InstrTLBReadMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_ITLB, read, miss),
     {"node_perf_cache_tlb_instr_read_misses_total",
      Type::counter,
      "Look-ups of the address of an instruction in vain."}},
    {"DataTLBReadHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_DTLB, read, access),
     {"node_perf_cache_tlb_data_read_hits_total", Type::counter, "Look-ups of an address to read."}},
    {"DataTLBReadMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_DTLB, read, miss),
     {"node_perf_cache_tlb_data_read_misses_total",
      Type::counter,
      "Look-ups of an address to read in vain."}},
    {"DataTLBWriteHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_DTLB, write, access),
     {"node_perf_cache_tlb_data_write_hits_total", Type::counter, "Look-ups of an address to write."}},
    {"DataTLBWriteMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_DTLB, write, miss),
     {"node_perf_cache_tlb_data_write_misses_total",
      Type::counter,
      "Look-ups of an address to write in vain."}},
    {"BPUReadHit",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_BPU, read, access),
     {"node_perf_cache_bpu_read_hits_total", Type::counter, "Branches that were to be predicted."}},
    {"BPUReadMiss",
     PERF_TYPE_HW_CACHE,
     cache(PERF_COUNT_HW_CACHE_BPU, read, miss),
     {"node_perf_cache_bpu_read_misses_total", Type::counter, "Branches that were predicted wrongly."}},
};

}  // namespace

std::span<const PerfEvent> perf_hardware_events() {
    return hardware;
}
std::span<const PerfEvent> perf_software_events() {
    return software;
}
std::span<const PerfEvent> perf_cache_events() {
    return caches;
}

}  // namespace pifleet::node
