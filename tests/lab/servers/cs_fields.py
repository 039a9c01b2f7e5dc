"""The fields of a node pool: alibabacloud-cs20151215 7.2.3, ModifyClusterNodePool and CreateClusterNodePool."""

from __future__ import annotations

from typing import Any

SECTIONS = {
    "nodepool_info": {"name", "resource_group_id"},
    "scaling_group": {
        *("auto_renew", "auto_renew_period", "compensate_with_on_demand", "data_disks", "deploymentset_id"),
        *("desired_size", "disk_init", "enable_high_density_mode", "image_id", "image_type", "instance_charge_type"),
        *("instance_patterns", "instance_types", "internet_charge_type", "internet_max_bandwidth_out", "key_pair"),
        *("login_password", "multi_az_policy", "on_demand_base_capacity", "on_demand_percentage_above_base_capacity"),
        *("period", "period_unit", "platform", "private_pool_options", "rds_instances", "resource_pool_options"),
        *("scaling_policy", "security_group_ids", "spot_instance_pools", "spot_instance_remedy", "spot_price_limit"),
        *("spot_strategy", "system_disk_bursting_enabled", "system_disk_categories", "system_disk_category"),
        *("system_disk_encrypt_algorithm", "system_disk_encrypted", "system_disk_kms_key_id"),
        *("system_disk_performance_level", "system_disk_provisioned_iops", "system_disk_size"),
        *("system_disk_snapshot_policy_id", "tags", "vswitch_ids"),
    },
    "kubernetes_config": {
        *("cms_enabled", "cpu_policy", "labels", "node_name_mode", "pre_user_data", "runtime", "runtime_version"),
        *("taints", "unschedulable", "user_data"),
    },
    "auto_scaling": {
        *("eip_bandwidth", "eip_internet_charge_type", "enable", "is_bond_eip", "max_instances", "min_instances"),
        "type",
    },
    "management": {
        *("auto_fault_diagnosis", "auto_repair", "auto_repair_policy", "auto_upgrade", "auto_upgrade_policy"),
        *("auto_vul_fix", "auto_vul_fix_policy", "drift_enabled", "enable", "upgrade_config"),
    },
    "tee_config": {"tee_enable"},
}
"""What may be changed. What only the request for a new pool has is refused, so that nobody thinks it was changed."""

FIXED = {
    "nodepool_info": {"type"},
    "scaling_group": {
        *("cis_enabled", "cpu_options", "instance_metadata_options", "login_as_non_root", "ram_role_name"),
        *("security_group_id", "security_hardening_os", "soc_enabled"),
    },
}
"""What only the request for a new pool has."""

ANSWERED: dict[str, dict[str, Any]] = {
    "scaling_group": {
        **dict.fromkeys(("auto_renew", "soc_enabled", "security_hardening_os"), False),
        **dict.fromkeys(("auto_renew_period", "period"), 0),
        **{name: [] for name in ("data_disks", "rds_instances", "spot_price_limit", "tags")},
        "image_id": "aliyun_3_x64_20G_alibase_20240819.vhd",
        "platform": "AliyunLinux",
        "period_unit": "",
        "instance_charge_type": "PostPaid",
        "multi_az_policy": "BALANCE",
        "scaling_policy": "release",
        "ram_policy": "",
        "spot_strategy": "NoSpot",
        "system_disk_size": 120,
    },
    "kubernetes_config": {
        "cms_enabled": False,
        "cpu_policy": "none",
        "labels": [],
        "node_name_mode": "nodeip",
        "taints": [],
        "runtime": "containerd",
        "runtime_version": "1.6.28",
        "unschedulable": False,
        "user_data": "",
    },
    "auto_scaling": {
        "enable": False,
        "is_bond_eip": False,
        "eip_bandwidth": 0,
        "eip_internet_charge_type": "",
        "min_instances": 0,
        "max_instances": 0,
        "type": "cpu",
    },
    "management": {"enable": False},
    "tee_config": {"tee_enable": False},
}
"""What is described beside what was asked for: DescribeClusterNodePoolDetail in AlibabaCloudDocs/csk, its example."""
